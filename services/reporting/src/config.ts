import { alertsSection, defineConfig, platformSections } from '@capstan/runtime';

/** What this service is configured by: the sections that the platform shares, and who is told what goes wrong. */
export const configSchema = defineConfig({ ...platformSections, alerts: alertsSection });
