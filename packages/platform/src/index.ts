export { openPlatform, type Platform, type ServiceParts, wired } from './platform.ts';
