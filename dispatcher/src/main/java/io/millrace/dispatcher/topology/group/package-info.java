/**
 * The dispatchers as a group: who is in it, who has gone, and what those who went left open. The leases of reads stand
 * on who is in it. Kafka's consumers and admin client, and nothing of commands or state.
 */
@NullMarked
package io.millrace.dispatcher.topology.group;

import org.jspecify.annotations.NullMarked;
