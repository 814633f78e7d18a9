/**
 * The settings of a node: read from command line, environment and file, then checked and typed.
 * {@code docs/configuration.md} lists them all. Nothing is started here.
 */
@NullMarked
package io.millrace.infra.config;

import org.jspecify.annotations.NullMarked;
