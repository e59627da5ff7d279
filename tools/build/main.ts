import { join } from 'node:path';
import { buildTree } from './build-tree.ts';

const root = join(import.meta.dirname, '..', '..');
const { workspaces, modules } = await buildTree(root);
console.log(`built ${modules} modules of ${workspaces} workspaces into dist/`);
