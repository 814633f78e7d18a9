/**
 * What may not be logged, whatever the configuration of the log says: keys, payloads, harmless warnings of libraries.
 * Loggers themselves do not belong here: they stand where something happens.
 */
@NullMarked
package io.millrace.infra.logging;

import org.jspecify.annotations.NullMarked;
