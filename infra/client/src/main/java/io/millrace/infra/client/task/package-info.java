/**
 * Commands about task executions. What workflows have as well, such as waiting for an end, stands in {@code
 * execution}.
 */
@NullMarked
package io.millrace.infra.client.task;

import org.jspecify.annotations.NullMarked;
