export { INCIDENT_COLUMNS, incidentFromRow, incidentToRow } from '../store/incident-row.ts'
