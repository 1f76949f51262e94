# two services that write into one log, as docker-compose shows them
(for n in 1 2 3; do echo "web-1     | GET /$n 200"; sleep 0.1; done) &
"$@" -c '
import shop
shop.price("coffee")' 2>&1 | while IFS= read -r line; do echo "worker-1  | $line"; sleep 0.04; done
wait
echo "worker-1 exited with code 1"
