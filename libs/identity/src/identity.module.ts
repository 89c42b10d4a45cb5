import { PRIMARY } from '@app/database';
import { OrganizationsModule } from '@app/organizations';
import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessTokens } from './access-tokens.service.js';
import { OperatorsQueries } from './operators.queries.js';
import { OperatorsService } from './operators.service.js';
import { RegistrationService } from './registration.service.js';
import { SignInService } from './sign-in.service.js';
import { User } from './user.entity.js';
import { UsersRepository } from './users.repository.js';

@Module({
  imports: [OrganizationsModule, TypeOrmModule.forFeature([User], PRIMARY), JwtModule.register({})],
  providers: [AccessTokens, OperatorsQueries, OperatorsService, RegistrationService, SignInService, UsersRepository],
  exports: [AccessTokens, OperatorsService, RegistrationService, SignInService],
})
export class IdentityModule {}
