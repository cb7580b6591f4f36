import http from "node:http"
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { installRecorder } from "./recorder/install.js"
import { withTool } from "./recorder/context.js"
const srv = new Worker(`const http=require('http');const {parentPort}=require('worker_threads');const b=Buffer.alloc(1024,'{"a":1}');const s=http.createServer((q,r)=>{r.setHeader('content-type','application/json');r.end(b)}).listen(0,'127.0.0.1',()=>parentPort.postMessage(s.address().port))`,{eval:true,execArgv:[]})
const [port]=await once(srv,'message'); const url=`http://127.0.0.1:${port}/v1/prices`
let n=0
const opt:any={sink:{record(){n++}},defaults:()=>({agentId:null,runId:null})}
if (process.argv[2]==='trust') opt.trustedEndpoints=['http://127.0.0.1:'+port]
const agent=new http.Agent({keepAlive:true})
const get=()=>new Promise<void>(ok=>http.get(url,{agent},r=>{r.on('data',()=>{});r.on('end',ok)}))
const f=async()=>{await (await fetch(url)).text()}
const inTool=(g:any)=>()=>withTool({name:'t'},g)
const p=(a:number[],q:number)=>a.toSorted((x,y)=>x-y)[Math.floor(a.length*q)]!
async function one(name:string,fn:()=>Promise<unknown>){
  const on:number[]=[],off:number[]=[],d:number[]=[]
  for(let i=0;i<500;i++)await fn()
  for(let r=0;r<6000;r++){
    const first=r&1; let a=0,b=0
    for(const which of [first,1-first]){
      let h:any; if(which){h=handle()}
      const t=performance.now(); await fn(); const e=(performance.now()-t)*1000
      if(which){h();a=e;on.push(e)}else{b=e;off.push(e)}
    }
    d.push(a-b)
  }
  console.log(name,'off p50',p(off,.5).toFixed(1),'on p50',p(on,.5).toFixed(1),'Δp50',(p(on,.5)-p(off,.5)).toFixed(1),'paired median',p(d,.5).toFixed(1),'rows',n)
}
// blocks of 20 to keep install costs out of the pairs
async function blocks(name:string,fn:()=>Promise<unknown>){
  const on:number[]=[],off:number[]=[]
  for(let i=0;i<1000;i++)await fn()
  {const h=installRecorder(opt);for(let i=0;i<1000;i++)await fn();h.uninstall()}
  for(let r=0;r<150;r++) for(const w of r&1?[1,0]:[0,1]){
    const h=w?installRecorder(opt):null
    await fn()
    for(let i=0;i<40;i++){const t=performance.now();await fn();(w?on:off).push((performance.now()-t)*1000)}
    h?.uninstall()
  }
  console.log(name.padEnd(12),'off p50',p(off,.5).toFixed(1),'on p50',p(on,.5).toFixed(1),'added p50',(p(on,.5)-p(off,.5)).toFixed(1),'added p90',(p(on,.9)-p(off,.9)).toFixed(1))
}
void one; const handle:any=null
await blocks('fetch',f); await blocks('http.get',get)
await blocks('fetch',f); await blocks('http.get',get)
await blocks('fetch tool',inTool(f)); await blocks('get tool',inTool(get))
agent.destroy(); await srv.terminate()
