/**
 * Commands about keys: the API keys that callers show, and the data keys that are erased.
 */
@NullMarked
package io.millrace.infra.client.key;

import org.jspecify.annotations.NullMarked;
