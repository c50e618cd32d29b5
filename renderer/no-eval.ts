import * as z from 'zod';

// The window's policy forbids code made at run time, which zod would otherwise use. It decides
// when a schema is made, so this module has to come before every other one that makes schemas.
z.config({ jitless: true });
