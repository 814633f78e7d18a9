/**
 * What may be logged, whatever the configuration of the log says: no keys, no payloads, no harmless warnings of libraries.
 * Loggers themselves are where something happens.
 */
package io.millrace.infra.logging;
