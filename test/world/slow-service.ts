/** Text of a program, for services of tests and benchmarks: a stream that takes a second, and WebSockets that say back what they hear. */
export const slowAnswers = `
const stream = (response) => {
  let left = 10;
  const timer = setInterval(() => { response.write('piece\\n'); if (--left === 0) { clearInterval(timer); response.end('end\\n'); } }, 100);
};
const echo = (request, socket) => {
  const accept = require('node:crypto').createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
  socket.on('error', () => socket.destroy());
  socket.on('data', (frame) => {
    const length = frame[1] & 0x7f;
    if ((frame[0] & 0x0f) === 8) return void socket.end(Buffer.from([0x88, 0]));
    socket.write(Buffer.concat([Buffer.from([0x81, length]), Buffer.from(frame.subarray(6, 6 + length).map((byte, at) => byte ^ frame[2 + (at % 4)]))]));
  });
};
`;
