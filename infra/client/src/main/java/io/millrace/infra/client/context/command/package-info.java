/**
 * Commands about contexts. What a context is stands in the package above.
 */
@NullMarked
package io.millrace.infra.client.context.command;

import org.jspecify.annotations.NullMarked;
