import { PrismaPg } from '@prisma/adapter-pg';
import type { Database } from './database.ts';
import { storeFailure } from './failure.ts';
import { PrismaClient } from './generated/client.ts';

/** Prisma over the same connections: for reads of people's pace and for rows that are written now and then. */
export class PrismaReads {
  readonly client: PrismaClient;

  constructor(database: Database) {
    this.client = new PrismaClient({ adapter: new PrismaPg(database.pool) });
  }

  /** Runs a query. @param doing what it is for, for the message. @throws what {@link storeFailure} says. */
  async run<T>(doing: string, query: (prisma: PrismaClient) => PromiseLike<T>): Promise<T> {
    try {
      return await query(this.client);
    } catch (error) {
      throw storeFailure(error, doing);
    }
  }

  async close(): Promise<void> {
    await this.client.$disconnect();
  }
}
