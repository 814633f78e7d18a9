/**
 * What all modules agree on: ids and their shards, names of topics, limits of names and texts. Nothing here runs: no
 * threads, no Kafka.
 */
@NullMarked
package io.millrace.proto;

import org.jspecify.annotations.NullMarked;
