/** Several containers together: started in order, watched until they answer, taken down without a trace. */
export { type DownOptions, downServices, type StopServicesOptions, stopServices } from './down.js';
export type { OnEvent, ServiceEvent } from './events.js';
export { findEnvironments, findServices } from './found.js';
export { LABELS } from './labels.js';
export { endOfService, untilOver } from './over.js';
export { type Selection, selectServices } from './select.js';
export type { StartedService } from './startup.js';
export { type UpOptions, upServices } from './up.js';
