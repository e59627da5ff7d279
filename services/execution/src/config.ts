import { defineConfig, platformSections } from '@capstan/runtime';

/** What this service is configured by: the sections that the platform shares. */
export const configSchema = defineConfig(platformSections);
