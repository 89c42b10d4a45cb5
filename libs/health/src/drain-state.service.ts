import { Injectable } from '@nestjs/common';

/** Whether this process has been told to stop: readiness says so before anything else happens. */
@Injectable()
export class DrainState {
  isDraining = false;

  begin(): void {
    this.isDraining = true;
  }
}
