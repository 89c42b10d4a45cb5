import { PRIMARY } from '@app/database';
import { OrganizationsModule } from '@app/organizations';
import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessTokens } from './access-tokens.service.js';
import { RegistrationService } from './registration.service.js';
import { SignInService } from './sign-in.service.js';
import { User } from './user.entity.js';
import { UsersRepository } from './users.repository.js';

@Module({
  imports: [OrganizationsModule, TypeOrmModule.forFeature([User], PRIMARY), JwtModule.register({})],
  providers: [AccessTokens, RegistrationService, SignInService, UsersRepository],
  exports: [AccessTokens, RegistrationService, SignInService],
})
export class IdentityModule {}
