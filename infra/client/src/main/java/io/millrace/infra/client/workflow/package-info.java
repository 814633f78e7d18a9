/**
 * Commands about workflow executions. What tasks have as well, such as waiting for an end, stands in {@code
 * execution}.
 */
@NullMarked
package io.millrace.infra.client.workflow;

import org.jspecify.annotations.NullMarked;
