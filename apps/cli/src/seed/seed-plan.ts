import type { Configuration } from '@app/config';

export interface SeedPlan {
  sampleData: boolean;
  /** Undefined: no big set. */
  bigSet: { customers: number; accountsPerCustomer: number } | undefined;
  /** Undefined: no administrator is made. */
  adminPassword: string | undefined;
}

/** Who asks for no kind of data in particular gets the sample data, but never in production. */
export function seedPlan({ seed, environment }: Configuration): SeedPlan {
  const { sampleData, performanceData, customers, accountsPerCustomer, adminPassword } = seed;
  return {
    sampleData: sampleData || (!performanceData && environment !== 'production'),
    bigSet: performanceData ? { customers, accountsPerCustomer } : undefined,
    adminPassword,
  };
}
