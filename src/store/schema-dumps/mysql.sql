CREATE TABLE `activity` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `step_hours` int(11) NOT NULL,
  `at` bigint(20) NOT NULL,
  `series_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `severity_rank` int(11) NOT NULL,
  `fired` bigint(20) NOT NULL,
  `fired_late` bigint(20) NOT NULL,
  `updated` bigint(20) NOT NULL,
  `repeated` bigint(20) NOT NULL,
  `cleared` bigint(20) NOT NULL,
  `closed_unseen` bigint(20) NOT NULL,
  `stale` bigint(20) NOT NULL,
  `opened` bigint(20) NOT NULL,
  `reopened` bigint(20) NOT NULL,
  `acknowledged` bigint(20) NOT NULL,
  `resolved` bigint(20) NOT NULL,
  PRIMARY KEY (`tenant_id`,`step_hours`,`at`,`series_id`,`severity_rank`)
) ENGINE=InnoDB;

CREATE TABLE `activity_duration` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `step_hours` int(11) NOT NULL,
  `at` bigint(20) NOT NULL,
  `series_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `severity_rank` int(11) NOT NULL,
  `kind` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `bucket` int(11) NOT NULL,
  `n` bigint(20) NOT NULL,
  `sum_ms` bigint(20) NOT NULL,
  `least_ms` bigint(20) NOT NULL,
  `most_ms` bigint(20) NOT NULL,
  PRIMARY KEY (`tenant_id`,`step_hours`,`at`,`series_id`,`severity_rank`,`kind`,`bucket`)
) ENGINE=InnoDB;

CREATE TABLE `activity_series` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `source` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `service` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `cluster` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  PRIMARY KEY (`tenant_id`,`id`)
) ENGINE=InnoDB;

CREATE TABLE `alert` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `source` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `fingerprint` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `current_key` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `incident_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `status` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `severity_rank` int(11) NOT NULL,
  `title` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `starts_at` bigint(20) NOT NULL,
  `starts_at_text` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `ends_at` bigint(20) DEFAULT NULL,
  `content_hash` bigint(20) NOT NULL,
  `changed_at` bigint(20) NOT NULL,
  `first_seen_at` bigint(20) NOT NULL,
  `last_seen_at` bigint(20) NOT NULL,
  `occurrences` bigint(20) NOT NULL,
  `condition` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `labels` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `annotations` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `links` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  PRIMARY KEY (`tenant_id`,`id`),
  UNIQUE KEY `alert_current` (`tenant_id`,`current_key`),
  KEY `alert_by_incident` (`tenant_id`,`incident_id`,`id`)
) ENGINE=InnoDB;

CREATE TABLE `alert_event` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `alert_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `incident_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `source` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `source_kind` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `delivery_seq` bigint(20) NOT NULL,
  `delivery_index` int(11) NOT NULL,
  `received_at` bigint(20) NOT NULL,
  `status` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `observation` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `severity_rank` int(11) NOT NULL,
  `starts_at` bigint(20) NOT NULL,
  `ends_at` bigint(20) DEFAULT NULL,
  `raw` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  PRIMARY KEY (`tenant_id`,`id`),
  KEY `alert_event_by_alert` (`tenant_id`,`alert_id`,`id`)
) ENGINE=InnoDB;

CREATE TABLE `api_key` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `name` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `secret_hash` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `scopes` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `created_by` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `last_used_at` bigint(20) DEFAULT NULL,
  `revoked_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`tenant_id`,`id`)
) ENGINE=InnoDB;

CREATE TABLE `audit_entry` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `at` bigint(20) NOT NULL,
  `actor_id` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `actor_name` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `actor_via` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `action` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `subject` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `data` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  PRIMARY KEY (`tenant_id`,`id`)
) ENGINE=InnoDB;

CREATE TABLE `change_feed` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `seq` bigint(20) NOT NULL,
  `at` bigint(20) NOT NULL,
  `kind` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `subject_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `data` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  PRIMARY KEY (`tenant_id`,`seq`)
) ENGINE=InnoDB;

CREATE TABLE `deferred_delivery` (
  `log_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `seq` bigint(20) NOT NULL,
  `next_index` int(11) NOT NULL,
  PRIMARY KEY (`log_id`,`seq`)
) ENGINE=InnoDB;

CREATE TABLE `delivery` (
  `partition_index` int(11) NOT NULL,
  `seq` bigint(20) NOT NULL,
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `source` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `source_kind` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `received_at` bigint(20) NOT NULL,
  `request_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `content_type` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `bytes_cut` bigint(20) NOT NULL,
  `segment_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `segment_bytes` bigint(20) NOT NULL,
  `body_offset` bigint(20) NOT NULL,
  `body_length` bigint(20) NOT NULL,
  PRIMARY KEY (`partition_index`,`seq`),
  KEY `delivery_by_time` (`received_at`,`seq`),
  KEY `delivery_by_source` (`source`,`received_at`,`seq`)
) ENGINE=InnoDB;

CREATE TABLE `delivery_log` (
  `only_row` int(11) NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `partitions` int(11) NOT NULL,
  PRIMARY KEY (`only_row`)
) ENGINE=InnoDB;

CREATE TABLE `delivery_partition` (
  `partition_index` int(11) NOT NULL,
  `last_count` bigint(20) NOT NULL,
  `trimmed_count` bigint(20) NOT NULL,
  `stored_bytes` bigint(20) NOT NULL,
  PRIMARY KEY (`partition_index`)
) ENGINE=InnoDB;

CREATE TABLE `delivery_segment` (
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `piece` int(11) NOT NULL,
  `bytes` longblob NOT NULL,
  PRIMARY KEY (`id`,`piece`)
) ENGINE=InnoDB;

CREATE TABLE `digest` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `channel_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `open_key` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `state` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `root_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `root_place` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `root_link` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `root_hash` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `delivery_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `posting_since` bigint(20) DEFAULT NULL,
  `started_at` bigint(20) NOT NULL,
  `last_news_at` bigint(20) NOT NULL,
  `ended_at` bigint(20) DEFAULT NULL,
  `updated_at` bigint(20) NOT NULL,
  PRIMARY KEY (`tenant_id`,`id`),
  UNIQUE KEY `digest_open` (`tenant_id`,`open_key`)
) ENGINE=InnoDB;

CREATE VIEW `grafana_alerts` AS select `e`.`id` AS `alert_id`,`e`.`tenant_id` AS `tenant_id`,`e`.`incident_id` AS `incident_id`,`a`.`fingerprint` AS `fingerprint`,`a`.`title` AS `alert_name`,`e`.`status` AS `status`,case `e`.`severity_rank` when 5 then 'critical' when 4 then 'error' when 3 then 'warning' when 2 then 'info' when 1 then 'debug' else 'success' end AS `severity`,`e`.`source` AS `source`,`a`.`labels` AS `labels`,`a`.`annotations` AS `annotations`,date_format(TIMESTAMP'1970-01-01 00:00:00' + interval `e`.`starts_at` DIV 1000 second,'%Y-%m-%dT%H:%i:%sZ') AS `starts_at`,date_format(TIMESTAMP'1970-01-01 00:00:00' + interval `e`.`ends_at` DIV 1000 second,'%Y-%m-%dT%H:%i:%sZ') AS `ends_at`,`e`.`raw` AS `raw_payload`,date_format(TIMESTAMP'1970-01-01 00:00:00' + interval `e`.`received_at` DIV 1000 second,'%Y-%m-%dT%H:%i:%sZ') AS `created_at` from (`alert_event` `e` join `alert` `a` on(`a`.`tenant_id` = `e`.`tenant_id` and `a`.`id` = `e`.`alert_id`)) where `e`.`source_kind` = 'grafana';

CREATE TABLE `idempotent_reply` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `actor_id` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `idempotency_key` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `request_hash` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `status` int(11) NOT NULL,
  `body` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `created_at` bigint(20) NOT NULL,
  PRIMARY KEY (`tenant_id`,`actor_id`,`idempotency_key`)
) ENGINE=InnoDB;

CREATE TABLE `incident` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `number` bigint(20) NOT NULL,
  `version` bigint(20) NOT NULL,
  `source` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `correlation_key` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `correlation_text` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `open_key` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `rule_key` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `title` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `status_rank` int(11) NOT NULL,
  `severity_rank` int(11) NOT NULL,
  `service` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `cluster` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `namespace` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `environment` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `labels` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `started_at` bigint(20) NOT NULL,
  `opened_at` bigint(20) NOT NULL,
  `acknowledged_at` bigint(20) DEFAULT NULL,
  `acknowledged_by` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `resolved_at` bigint(20) DEFAULT NULL,
  `resolved_by` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `owner` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `owner_id` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `alert_count` bigint(20) NOT NULL,
  `firing_count` bigint(20) NOT NULL,
  `firing` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `clears_at` bigint(20) DEFAULT NULL,
  `reopen_count` int(11) NOT NULL,
  `flap_count` int(11) NOT NULL,
  `flaps_since` bigint(20) DEFAULT NULL,
  `is_flapping` int(11) NOT NULL,
  `is_noise` int(11) NOT NULL,
  `peak_rank` int(11) NOT NULL,
  `is_severity_pinned` int(11) NOT NULL,
  `silenced_until` bigint(20) DEFAULT NULL,
  `moved_to` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `updated_at` bigint(20) NOT NULL,
  `reopened_at` bigint(20) DEFAULT NULL,
  `words` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  PRIMARY KEY (`tenant_id`,`id`),
  UNIQUE KEY `incident_number` (`tenant_id`,`number`),
  UNIQUE KEY `incident_open_key` (`tenant_id`,`open_key`),
  KEY `incident_inbox` (`tenant_id`,`status_rank`,`severity_rank` DESC,`started_at` DESC,`id` DESC),
  KEY `incident_by_key` (`tenant_id`,`correlation_key`,`resolved_at`),
  KEY `incident_by_rule` (`tenant_id`,`rule_key`,`status_rank`),
  KEY `incident_by_time` (`tenant_id`,`started_at`,`id`),
  KEY `incident_by_resolved` (`tenant_id`,`resolved_at`),
  KEY `incident_by_service` (`tenant_id`,`service`,`status_rank`,`severity_rank` DESC,`started_at` DESC,`id` DESC)
) ENGINE=InnoDB;

CREATE VIEW `incidents` AS select `incident`.`id` AS `incident_id`,`incident`.`number` AS `number`,`incident`.`tenant_id` AS `tenant_id`,`incident`.`correlation_key` AS `incident_key`,`incident`.`correlation_text` AS `correlation_text`,`incident`.`title` AS `title`,case `incident`.`status_rank` when 0 then 'active' when 1 then 'acknowledged' else 'resolved' end AS `status`,case `incident`.`severity_rank` when 5 then 'critical' when 4 then 'error' when 3 then 'warning' when 2 then 'info' when 1 then 'debug' else 'success' end AS `severity`,`incident`.`source` AS `source`,`incident`.`cluster` AS `cluster`,`incident`.`namespace` AS `namespace`,`incident`.`service` AS `service`,`incident`.`environment` AS `environment`,`incident`.`alert_count` AS `alert_count`,`incident`.`firing_count` AS `firing_count`,`incident`.`is_noise` AS `is_noise`,date_format(TIMESTAMP'1970-01-01 00:00:00' + interval `incident`.`started_at` DIV 1000 second,'%Y-%m-%dT%H:%i:%sZ') AS `start_time`,date_format(TIMESTAMP'1970-01-01 00:00:00' + interval `incident`.`acknowledged_at` DIV 1000 second,'%Y-%m-%dT%H:%i:%sZ') AS `acknowledged_time`,date_format(TIMESTAMP'1970-01-01 00:00:00' + interval `incident`.`resolved_at` DIV 1000 second,'%Y-%m-%dT%H:%i:%sZ') AS `resolved_time`,date_format(TIMESTAMP'1970-01-01 00:00:00' + interval `incident`.`opened_at` DIV 1000 second,'%Y-%m-%dT%H:%i:%sZ') AS `created_at`,date_format(TIMESTAMP'1970-01-01 00:00:00' + interval `incident`.`updated_at` DIV 1000 second,'%Y-%m-%dT%H:%i:%sZ') AS `updated_at` from `incident`;

CREATE TABLE `incident_term` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `term` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `incident_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  PRIMARY KEY (`tenant_id`,`term`,`incident_id`)
) ENGINE=InnoDB;

CREATE TABLE `job` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `kind` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `dedupe_key` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `queue` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `lane` int(11) NOT NULL,
  `state` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `run_at` bigint(20) NOT NULL,
  `wanted` bigint(20) NOT NULL,
  `attempts` int(11) NOT NULL,
  `first_failed_at` bigint(20) DEFAULT NULL,
  `fence` bigint(20) NOT NULL,
  `lease_until` bigint(20) DEFAULT NULL,
  `lease_owner` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `payload` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `last_error` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `updated_at` bigint(20) NOT NULL,
  `busy_queue` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  PRIMARY KEY (`tenant_id`,`id`),
  UNIQUE KEY `job_dedupe` (`tenant_id`,`dedupe_key`),
  UNIQUE KEY `job_busy_queue` (`tenant_id`,`busy_queue`),
  KEY `job_due` (`state`,`lane`,`run_at`,`id`,`queue`),
  KEY `job_by_queue` (`queue`,`state`,`lane`,`run_at`)
) ENGINE=InnoDB;

CREATE TABLE `lease` (
  `name` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `owner` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `fence` bigint(20) NOT NULL,
  `held_until` bigint(20) NOT NULL,
  `taken_at` bigint(20) NOT NULL,
  `ran_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB;

CREATE TABLE `log_position` (
  `log_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `consumer` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `seq` bigint(20) NOT NULL,
  PRIMARY KEY (`log_id`,`consumer`)
) ENGINE=InnoDB;

CREATE TABLE `node` (
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `name` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `address` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `version` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `pid` int(11) NOT NULL,
  `machine` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `state` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `state_reason` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `steps` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `clock_offset_ms` bigint(20) NOT NULL,
  `started_at` bigint(20) NOT NULL,
  `heartbeat_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;

CREATE TABLE `notification` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `incident_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `channel_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `state` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `generation` int(11) NOT NULL,
  `root_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `root_place` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `root_link` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `shown` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `delivery_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `delivery_kind` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `posting_since` bigint(20) DEFAULT NULL,
  `blocked_reason` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `updated_at` bigint(20) NOT NULL,
  `root_hash` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `last_news` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `previous_link` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `digest_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `fallback_for` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `root_begun_at` bigint(20) DEFAULT NULL,
  `is_root_critical` int(11) DEFAULT NULL,
  PRIMARY KEY (`tenant_id`,`incident_id`,`channel_id`),
  KEY `notification_by_state` (`tenant_id`,`state`,`updated_at`),
  KEY `notification_by_root` (`tenant_id`,`channel_id`,`root_id`),
  KEY `notification_by_digest` (`tenant_id`,`digest_id`,`state`),
  KEY `notification_by_new_root` (`tenant_id`,`channel_id`,`root_begun_at`,`is_root_critical`)
) ENGINE=InnoDB;

CREATE TABLE `notification_post` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `incident_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `channel_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `kind` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `external_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `thread_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `posted_at` bigint(20) NOT NULL,
  `body` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  PRIMARY KEY (`tenant_id`,`id`),
  KEY `notification_post_by_incident` (`tenant_id`,`incident_id`,`id`)
) ENGINE=InnoDB;

CREATE TABLE `person` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `name` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `email` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `role` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `removed_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`tenant_id`,`id`),
  UNIQUE KEY `person_email` (`tenant_id`,`email`)
) ENGINE=InnoDB;

CREATE TABLE `person_link` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `team_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `user_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `person_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `linked_at` bigint(20) NOT NULL,
  PRIMARY KEY (`tenant_id`,`team_id`,`user_id`)
) ENGINE=InnoDB;

CREATE TABLE `quarantine` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `source` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `source_kind` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `delivery_seq` bigint(20) NOT NULL,
  `delivery_index` int(11) NOT NULL,
  `path` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `reason` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `raw` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `received_at` bigint(20) NOT NULL,
  `quarantined_at` bigint(20) NOT NULL,
  `replayed_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`tenant_id`,`id`),
  KEY `quarantine_open` (`tenant_id`,`replayed_at`,`id`)
) ENGINE=InnoDB;

CREATE TABLE `rate_budget` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `millitokens` bigint(20) NOT NULL,
  `updated_at` bigint(20) NOT NULL,
  `paused_until` bigint(20) NOT NULL,
  PRIMARY KEY (`tenant_id`,`id`)
) ENGINE=InnoDB;

CREATE TABLE `schema_progress` (
  `name` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `statements` int(11) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB;

CREATE TABLE `schema_step` (
  `name` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `breaking` int(11) NOT NULL,
  `applied_at` bigint(20) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB;

CREATE TABLE `sequence` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `name` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `value` bigint(20) NOT NULL,
  PRIMARY KEY (`tenant_id`,`name`)
) ENGINE=InnoDB;

CREATE TABLE `sign_of_life` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `name` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `seen_at` bigint(20) NOT NULL,
  `events` bigint(20) NOT NULL,
  PRIMARY KEY (`tenant_id`,`name`)
) ENGINE=InnoDB;

CREATE TABLE `slack_receipt` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `payload_id` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `workspace` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `request` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `received_at` bigint(20) NOT NULL,
  `handled_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`tenant_id`,`id`),
  UNIQUE KEY `slack_receipt_payload` (`tenant_id`,`payload_id`),
  KEY `slack_receipt_age` (`tenant_id`,`received_at`)
) ENGINE=InnoDB;

CREATE TABLE `slack_workspace` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `name` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `token_hash` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `team_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `bot_user_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `app_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `seen_at` bigint(20) NOT NULL,
  PRIMARY KEY (`tenant_id`,`name`)
) ENGINE=InnoDB;

CREATE TABLE `source_ledger` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `source` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `deliveries` bigint(20) NOT NULL,
  `events_read` bigint(20) NOT NULL,
  `events_linked` bigint(20) NOT NULL,
  `events_suppressed` bigint(20) NOT NULL,
  `events_quarantined` bigint(20) NOT NULL,
  `last_received_at` bigint(20) NOT NULL,
  PRIMARY KEY (`tenant_id`,`source`)
) ENGINE=InnoDB;

CREATE TABLE `thread` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `channel_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `thread_key` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `ts` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `updated_at` bigint(20) NOT NULL,
  PRIMARY KEY (`tenant_id`,`channel_id`,`thread_key`)
) ENGINE=InnoDB;

CREATE TABLE `timeline_entry` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `incident_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `at` bigint(20) NOT NULL,
  `kind` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `reason` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `actor_id` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `actor_name` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `actor_via` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `data` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  PRIMARY KEY (`tenant_id`,`incident_id`,`id`)
) ENGINE=InnoDB;

CREATE TABLE `upkeep` (
  `tenant_id` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `name` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `done_to` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `until` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  PRIMARY KEY (`tenant_id`,`name`)
) ENGINE=InnoDB;
