/**
 * Reads the commands of a partition and what came of them from Kafka, with plain consumers that belong to no group, see what is
 * committed alone, and commit nothing. What is done with the records stands in the package above.
 */
package io.millrace.dispatcher.replay.log;
