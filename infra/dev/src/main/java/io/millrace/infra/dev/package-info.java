/**
 * The command {@code dev}, and the warm-up from which the start cache is recorded. The server that it starts is in
 * {@code embedded}. Nothing of this package runs in production.
 */
@NullMarked
package io.millrace.infra.dev;

import org.jspecify.annotations.NullMarked;
