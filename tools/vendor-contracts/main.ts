import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { extractOperations, type JsonObject, sourceOf, type VendorContract } from './extract.ts';

/**
 * Takes the facts that emulator and adapter are held against out of a vendor's OpenAPI document:
 *
 *     node tools/vendor-contracts/main.ts --document massive.json --licence MIT --paths paths.txt --out contract.json
 *
 * The document itself is not kept; `paths.txt` has a path a line.
 */
const { values } = parseArgs({
  options: {
    document: { type: 'string' },
    licence: { type: 'string' },
    paths: { type: 'string' },
    out: { type: 'string' },
  },
});
const { document, licence, paths, out } = values;
if (document === undefined || licence === undefined) usage();
if (paths === undefined || out === undefined) usage();

const whole = JSON.parse(readFileSync(document, 'utf8')) as JsonObject;
const wanted = readFileSync(paths, 'utf8')
  .split('\n')
  .filter((line) => line !== '');
const contract: VendorContract = {
  source: sourceOf(whole),
  licence,
  extracted: new Date().toISOString().slice(0, 10),
  operations: extractOperations(whole, wanted),
};
writeFileSync(out, `${JSON.stringify(contract)}\n`);
process.stdout.write(`${out}: ${Object.keys(contract.operations).length} operations\n`);

function usage(): never {
  process.stderr.write(
    'usage: node tools/vendor-contracts/main.ts --document FILE --licence NAME --paths FILE --out FILE\n',
  );
  process.exit(2);
}
