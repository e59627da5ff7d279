import { describe, expect, it } from 'vitest';
import { decodeState, encodeState, type RiskState } from './state.ts';
import { killSwitchKey, parseKillSwitch } from './stored-kill-switch.ts';

const entry = (text: string) => ({
  key: 'kill/paper',
  value: new TextEncoder().encode(text),
  revision: 3,
});

describe('the stored state', () => {
  const state: RiskState = {
    core: { lastSequence: 4, marks: [], reservations: { partly: [], filled: ['o'] } },
    progress: { active: [{ botId: 'a', feed: 'demo' }], feeds: [], pending: [] },
  };

  it('comes back as it was', () => {
    expect(decodeState(encodeState(state))).toEqual(state);
  });

  it('is refused when another version wrote it', () => {
    const other = new TextEncoder().encode(JSON.stringify({ version: 2 }));
    expect(() => decodeState(other)).toThrow(
      expect.objectContaining({ code: 'RISK_SERVICE.STATE' }),
    );
  });
});

describe('the kill switch', () => {
  it('is off where nothing is stored', () => {
    expect(parseKillSwitch(undefined).mode).toBe('off');
    expect(parseKillSwitch(entry('')).mode).toBe('off');
  });

  it('is as stored, and soft where that cannot be read', () => {
    expect(parseKillSwitch(entry('{"mode":"hard","actor":"ana","reason":"drill"}'))).toEqual({
      mode: 'hard',
      actor: 'ana',
      reason: 'drill',
    });
    expect(parseKillSwitch(entry('{"mode":"off"}'))).toEqual({
      mode: 'off',
      actor: '',
      reason: '',
    });
    for (const text of ['{', '3', 'null', '{"mode":"loud"}']) {
      expect(parseKillSwitch(entry(text))).toMatchObject({ mode: 'soft', actor: 'risk' });
    }
  });

  it('has a key that the bucket takes for any account name', () => {
    expect(killSwitchKey('paper')).toBe('kill/paper');
    expect(killSwitchKey('my acct')).toBe('kill/my=20=acct');
  });
});
