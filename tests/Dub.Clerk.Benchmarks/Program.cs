using BenchmarkDotNet.Running;
using Dub.Clerk.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(WebhookBenchmarks).Assembly).Run(args);
