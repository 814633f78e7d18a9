/**
 * Commands that settle promises. What a workflow waits for is shown by those about workflows.
 */
@NullMarked
package io.millrace.infra.client.promise;

import org.jspecify.annotations.NullMarked;
