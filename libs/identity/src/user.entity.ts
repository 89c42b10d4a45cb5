import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Role } from './role.js';

@Entity('users')
export class User {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'varchar', length: 255, unique: true })
  username: string;

  /** Argon2id; bcrypt for users of an adopted database who have not signed in since. */
  @Column({ name: 'password_hash', type: 'varchar', length: 255 })
  passwordHash: string;

  @Column({ name: 'organization_id', type: 'int' })
  organizationId: number;

  @Column({ type: 'varchar', length: 16 })
  role: Role;

  @Column({ name: 'is_operator', type: 'boolean' })
  isOperator: boolean;
}
