/**
 * The settings of a node: read from command line, environment and file, checked, and typed. Nothing is started here. {@code
 * docs/configuration.md} lists the same.
 */
package io.millrace.infra.config;
