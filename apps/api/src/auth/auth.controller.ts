import { RegistrationService, SignInService } from '@app/identity';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { MessageResponse } from '../http/dto/message.response.js';
import { ApiProblems } from '../http/openapi/api-problems.decorator.js';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '../http/openapi/openapi.decorators.js';
import { Access } from './access.decorator.js';
import { LoginDto, RegisterDto, TokenResponse } from './dto/credentials.dto.js';

@ApiTags('auth')
@Access('public')
@Controller('api/auth')
export class AuthController {
  constructor(
    private readonly registration: RegistrationService,
    private readonly signIn: SignInService,
  ) {}

  @Post('register')
  @ApiOperation({ summary: 'Register a user, who becomes admin of a new organization' })
  @ApiCreatedResponse({ type: MessageResponse, description: 'Registered' })
  @ApiProblems(400, 403, 409, 413, 415)
  async register(@Body() { username, password }: RegisterDto): Promise<MessageResponse> {
    await this.registration.register(username, password);
    return { message: 'User registered successfully' };
  }

  @Post('login')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign in with a user name and password' })
  @ApiOkResponse({ type: TokenResponse, description: 'Signed in' })
  @ApiProblems(400, 401, 413, 415)
  async login(@Body() { username, password }: LoginDto): Promise<TokenResponse> {
    const { token, expiresInSeconds } = await this.signIn.signIn(username, password);
    return { token, token_type: 'Bearer', expires_in: expiresInSeconds };
  }
}
