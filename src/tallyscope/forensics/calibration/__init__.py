"""How often each method is wrong, and what it can see: measured on elections whose truth is known.

A study is a frozen list of jobs (`plan`), each of which draws one election, does to it what the job says, and asks
every method (`job`). Jobs run in parallel and are written down one by one (`runner`, `store`); what they say in all
is counted (`summary`) and kept as `rates.json` beside this file, with its provenance. `lookup` finds in it what is
known of a method on an election like the one at hand. `tallyscope calibrate` runs it all.
"""
