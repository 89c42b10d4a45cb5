import { IdentityModule } from '@app/identity';
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { ReadDemandGuard } from '../http/read-demand.guard.js';
import { AccessGuard } from './access.guard.js';
import { AuthController } from './auth.controller.js';
import { JwtGuard } from './jwt.guard.js';
import { JwtStrategy } from './jwt.strategy.js';

/** Guards of every route run in the order in which they stand here: who is not let in is told nothing else. */
@Module({
  imports: [IdentityModule, PassportModule],
  controllers: [AuthController],
  providers: [
    JwtGuard,
    JwtStrategy,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: ReadDemandGuard },
  ],
})
export class AuthModule {}
