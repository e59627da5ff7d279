import { describeHundredSeeds } from './describe-seeds.test-support.ts';

describeHundredSeeds(1);
