/**
 * Reads the commands of a partition and what came of them from Kafka. The consumers are plain ones: they belong to no
 * group, see only what is committed, and commit nothing. What is done with the records stands in the package above.
 */
@NullMarked
package io.millrace.dispatcher.replay.log;

import org.jspecify.annotations.NullMarked;
