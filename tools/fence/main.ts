import { join } from 'node:path';
import { checkFence } from './check-fence.ts';
import { formatFinding } from './finding.ts';

const root = join(import.meta.dirname, '..', '..');
const { findings, modules } = await checkFence(root);
for (const finding of findings) console.log(formatFinding(finding));
console.log(`fence: ${modules} modules, ${findings.length} findings`);
if (findings.length > 0) process.exitCode = 1;
