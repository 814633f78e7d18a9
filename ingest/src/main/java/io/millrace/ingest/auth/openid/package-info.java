/**
 * Callers who show a token of an OpenID issuer: whether it is good, and for whom it stands. The issuer's public keys are
 * fetched on a thread of its own.
 */
@NullMarked
package io.millrace.ingest.auth.openid;

import org.jspecify.annotations.NullMarked;
