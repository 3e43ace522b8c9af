-- What the leader asks for in every pass and every second, of which there is little among many rows.
create index placements_host_ports on placements (worker_id) where host_ports <> '{}';
create index placements_removing on placements (service_id) where removing;
create index container_services_unsettled on container_services (id) where wanted = 'DELETED' or waiting_for <> '';
create index container_services_stopped on container_services (id) where wanted = 'STOPPED';
