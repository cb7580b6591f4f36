import http from "node:http"
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { installRecorder } from "./recorder/install.js"
const srv = new Worker(`const http=require('http');const {parentPort}=require('worker_threads');const b=Buffer.alloc(1024,'{"a":1}');const s=http.createServer((q,r)=>{r.setHeader('content-type','application/json');r.end(b)}).listen(0,'127.0.0.1',()=>parentPort.postMessage(s.address().port))`,{eval:true,execArgv:[]})
const [port]=await once(srv,'message'); const url=`http://127.0.0.1:${port}/v1/prices`
let n=0
installRecorder({sink:{record(){n++}},defaults:()=>({agentId:null,runId:null})})
const agent=new http.Agent({keepAlive:true})
const get=()=>new Promise<void>(ok=>http.get(url,{agent},r=>{r.on('data',()=>{});r.on('end',ok)}))
for(let i=0;i<30000;i++) await get()
agent.destroy(); await srv.terminate(); process.exit()
