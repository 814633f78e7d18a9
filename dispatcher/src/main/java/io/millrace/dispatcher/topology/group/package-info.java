/**
 * The dispatchers as a group: who is in it, which the leases of reads stand on, who has gone, and what the gone left open.
 * Kafka's consumers and admin client, and nothing of commands or state.
 */
@NullMarked
package io.millrace.dispatcher.topology.group;

import org.jspecify.annotations.NullMarked;
