/**
 * What all modules agree on: ids and their shards, names of topics, limits of names and texts. Nothing that runs: no threads
 * and no Kafka.
 */
package io.millrace.proto;
