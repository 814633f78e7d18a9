/**
 * Commands about bulk jobs, which ask the same of all that a query finds, and waiting for the end of one.
 */
@NullMarked
package io.millrace.infra.client.bulk;

import org.jspecify.annotations.NullMarked;
