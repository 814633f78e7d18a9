/**
 * What workflows and tasks have in common: options, waiting, watching, counting, and queries that have names.
 */
@NullMarked
package io.millrace.infra.client.execution;

import org.jspecify.annotations.NullMarked;
