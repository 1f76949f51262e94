# run a server, ask it once, end it
"$@" > server.log 2>&1 &
server=$!
for try in $(seq 50); do
  sleep 0.2
  curl -s --noproxy '*' -o /dev/null http://127.0.0.1:8123/ && break
done
sleep 0.5
kill $server 2> /dev/null
wait $server
cat server.log
