/**
 * Looks at a recorded log again: carries its commands out once more in memory, and compares, shows or explains what came of
 * them. Nothing here can write to the installation that it looks at: {@code ArchitectureTest} holds that no producer, no admin
 * client and no writer of commands is known here. How records come from Kafka stands in {@code log}.
 */
@NullMarked
package io.millrace.dispatcher.replay;

import org.jspecify.annotations.NullMarked;
