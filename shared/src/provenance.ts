/**
 * Said, among what a network was grown from, of runs whose games also began after some moves of the schoolbook algorithm
 * (`acting.insideGames`).
 */
export const INSIDE_SCHOOLBOOK = 'games that began inside the schoolbook algorithm';
