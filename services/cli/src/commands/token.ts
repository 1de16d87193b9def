// `ampledger token new`: a token for the API, shown once.

import type { Role } from '@ampledger/api';
import { Command, Option } from 'commander';
import type { TokenOptions } from '../actions/token.js';
import { examples } from '../arguments.js';
import type { End } from '../end.js';

/** All of them, by the type. */
const ROLES: { readonly [R in Role]: R } = { operator: 'operator', utility: 'utility', analyst: 'analyst' };

const newCommand = (): Command =>
  new Command('new')
    .description('Makes a token: prints it once, and the line of the tokens file that knows it.')
    .addOption(
      new Option('--role <role>', 'what it may do').choices(Object.keys(ROLES)).makeOptionMandatory(),
    )
    .requiredOption('--name <name>', 'who it is for')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'ampledger token new --role operator --name alice',
        'ampledger serve --site site.yaml --host 0.0.0.0 --tokens tokens.txt',
      ),
    )
    .action(async (options: TokenOptions) => (await import('../actions/token.js')).printNewToken(options));

export const tokenCommand = (_end: End): Command =>
  new Command('token')
    .description('Tokens for the API.')
    .addCommand(newCommand().exitOverride().showHelpAfterError('(--help shows how to use it)'));
