
use builtin;
use str;

set edit:completion:arg-completer[recburn] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'recburn'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'recburn'= {
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand data 'Data sets: list, fetch, describe, crosstab, split, synth'
            cand models 'The models: list, show'
            cand train 'Train a model on ratings'
            cand gather 'Make one model from the parts that several processes have trained'
            cand run 'Run recipes and compare the results with published figures'
            cand baselines 'Fit baselines and models in closed form, and compare them on held-out ratings'
            cand evaluate 'Score a saved model on ratings, or train and score a model by a protocol'
            cand protocols 'List the evaluation protocols, or show one'
            cand compare 'Compare models under one protocol, and say which differences are noise'
            cand tune 'Search for good hyper-parameters on a validation part'
            cand predict 'Predict the rating of a pair, or of every pair in a file'
            cand recommend 'Recommend the best items for a user, for all users, or for somebody not in the data'
            cand similar 'List items similar to an item'
            cand serve 'Serve a model over HTTP'
            cand export 'Write embedding tables as CSV, safetensors or Parquet, all weights for Keras, or a page that recommends without a server'
            cand completions 'Print a script with which a shell completes commands and flags'
            cand man 'Write the manual pages'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'recburn;data'= {
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand list 'List the public data sets, and which of them are here'
            cand fetch 'Fetch public data sets by name'
            cand describe 'Show counts, density, scale, quartiles, histogram and time span, as text and as a picture'
            cand crosstab 'Cross-tabulate the most active users and the most rated items'
            cand split 'Write the parts of a split as CSV'
            cand synth 'Generate synthetic ratings of any size'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'recburn;data;list'= {
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;data;fetch'= {
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;data;describe'= {
            cand --filter 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes'
            cand --repeats 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]'
            cand --ids 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)'
            cand --columns 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added'
            cand --items 'A file with titles and genres, if it is not next to the ratings'
            cand --user-features 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line'
            cand --item-features 'A file of item features, and the columns to read'
            cand --bad-lines 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --picture 'Draw it as PATH.svg and PATH.png'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;data;crosstab'= {
            cand --filter 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes'
            cand --repeats 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]'
            cand --ids 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)'
            cand --columns 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added'
            cand --items 'A file with titles and genres, if it is not next to the ratings'
            cand --user-features 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line'
            cand --item-features 'A file of item features, and the columns to read'
            cand --bad-lines 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand -n 'Number of users and of items'
            cand --count 'Number of users and of items'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;data;split'= {
            cand --filter 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes'
            cand --repeats 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]'
            cand --ids 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)'
            cand --columns 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added'
            cand --items 'A file with titles and genres, if it is not next to the ratings'
            cand --user-features 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line'
            cand --item-features 'A file of item features, and the columns to read'
            cand --bad-lines 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --split 'fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1 or fold:1/5; by-user-hashed:0.8 and leave-last-out-hashed:1 split alike in every program; fraction:0.8/0.1/0.1 and so on for a test part'
            cand --seed 'Seed of a random split [default: 42]'
            cand --out 'The folder for the files'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;data;synth'= {
            cand --like 'In the shape of this data set'
            cand --users 'Number of users'
            cand --items 'Number of items'
            cand --ratings 'Number of ratings'
            cand --seed 'Seed of everything random'
            cand --out 'The CSV to write; `-` is standard output'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;data;help'= {
            cand list 'List the public data sets, and which of them are here'
            cand fetch 'Fetch public data sets by name'
            cand describe 'Show counts, density, scale, quartiles, histogram and time span, as text and as a picture'
            cand crosstab 'Cross-tabulate the most active users and the most rated items'
            cand split 'Write the parts of a split as CSV'
            cand synth 'Generate synthetic ratings of any size'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'recburn;data;help;list'= {
        }
        &'recburn;data;help;fetch'= {
        }
        &'recburn;data;help;describe'= {
        }
        &'recburn;data;help;crosstab'= {
        }
        &'recburn;data;help;split'= {
        }
        &'recburn;data;help;synth'= {
        }
        &'recburn;data;help;help'= {
        }
        &'recburn;models'= {
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand list 'List the models'
            cand show 'Show a model: formula, options, presets, summary, diagram'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'recburn;models;list'= {
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;models;show'= {
            cand --preset 'Named hyper-parameters'
            cand -o 'An option of the model, may be repeated; the value is JSON or a word'
            cand --option 'An option of the model, may be repeated; the value is JSON or a word'
            cand --users 'Rows of the user tables'
            cand --items 'Rows of the item tables'
            cand --data 'Take the sizes of the tables from this data set'
            cand --columns 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1)'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --diagram 'Write diagram.svg, .png, .mmd (Mermaid) and .dot (Graphviz) into this folder'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;models;help'= {
            cand list 'List the models'
            cand show 'Show a model: formula, options, presets, summary, diagram'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'recburn;models;help;list'= {
        }
        &'recburn;models;help;show'= {
        }
        &'recburn;models;help;help'= {
        }
        &'recburn;train'= {
            cand --model 'A model, such as biased_mf or ease: see `recburn models list` [default: biased_mf; with `train --from`, that of the saved model]'
            cand --preset 'Named hyper-parameters of the model: see `recburn models show NAME` [default: default]'
            cand -o 'An option of the model, may be repeated; the value is JSON or a word'
            cand --option 'An option of the model, may be repeated; the value is JSON or a word'
            cand --data 'A data set''s name or path [default: that of the preset]'
            cand --filter 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes'
            cand --repeats 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]'
            cand --time-columns 'Derive columns from the times of the ratings, which a model may read: hour_of_day, day_of_week and day'
            cand --ids 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)'
            cand --split 'fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1, fold:1/5 or given:TRAIN,VALID; by-user-hashed:0.8 and leave-last-out-hashed:1 split alike in every program; fraction:0.8/0.1/0.1 adds a test part, none trains on everything'
            cand --centre 'Subtract the mean of the training part'
            cand --examples 'The kind of training examples: ratings, whole-users or whole-items (all ratings of one at a time), profiles (all items of a user among the catalogue), positives (every rated pair, with sampled negatives) or next-item (histories, predicting the next item at every position)'
            cand --hidden 'The share of each user''s items that is hidden from the model in training on profiles'
            cand --negatives 'The negatives of positives: uniform:N, popular:N or popular^EXPONENT:N per positive, shared-uniform:N or shared-popular:N per batch, in-batch, or catalogue [default: uniform:1]'
            cand --loss 'mse, mae, huber[:DELTA] or logistic; with negatives also bpr, hinge or softmax'
            cand --rule 'adam, adamw[:DECAY], sgd[:MOMENTUM], adagrad or rowwise_adagrad (one number of state per row of a table, for tables near the size of memory), with Keras''s defaults; further settings by name: adam:beta_1=0.8,epsilon=1e-8. AdamW keeps weights small at no extra cost, whereas l2 on tables much larger than a batch is slow in exact mode'
            cand --mode 'Which rows a step updates: exact (all that Keras would update) or touched (only those of the batch: fastest, but a different algorithm)'
            cand --epochs 'Train for N epochs'
            cand --learning-rate 'Learning rate, in all epochs'
            cand --phase 'A custom schedule: train N epochs at this learning rate, then go on to the next --phase'
            cand --batch 'Ratings per step'
            cand --average 'End with an average of the weights at the ends of epochs: swa:EPOCH (the mean from that epoch on) or ema:DECAY'
            cand --patience 'Stop after N epochs without a better validation loss (or --watch measure), and restore the best weights'
            cand --watch 'The measure for --patience: loss, rmse or mae, or for the users'' lists ndcg@K, recall@K, hit@K or mrr@K [default: loss, or ndcg@10 for positives]'
            cand --seed 'Seed of the split, the initial weights and the order of the ratings [default: 42; with `train --from`, that of the saved model]'
            cand --columns 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added'
            cand --items 'A file with titles and genres, if it is not next to the ratings'
            cand --user-features 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line'
            cand --item-features 'A file of item features, and the columns to read'
            cand --bad-lines 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --device 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]'
            cand --out 'Output folder [default: out/MODEL]'
            cand --checkpoint-every 'Write a checkpoint every N epochs (0: never), or after each and every so much time: 10m'
            cand --folds 'Cross-validation instead of one training: on N folds, or N folds repeated R times with other seeds as NxR'
            cand --add 'Read ratings that were added since, as `serve --journal` writes them; later lines take precedence'
            cand --from 'Start from the weights of a saved model, on data with new ratings, users and items'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --resume 'Continue from the checkpoint in the output folder'
            cand --find-rate 'Instead of training, test which learning rates lower the loss: a picture and a suggestion, in the output folder'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;gather'= {
            cand --data 'The data, if they are elsewhere now: a name, a file or a folder'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --device 'flex or ndarray, if built in [default: BURN_DEVICE, or the fastest kind there is]'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;run'= {
            cand --seeds 'Run with the seeds 1 to N instead of the recipe''s own'
            cand --epochs 'Train for N epochs instead; final figures are then not compared'
            cand --variant 'Run only this variant; `main` is the recipe itself [default: all]'
            cand --out 'Keep each run''s report, curves and model in this folder'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --device 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;baselines'= {
            cand --data 'A data set''s name or path'
            cand --split 'How the ratings are split, as for `recburn train`'
            cand --part 'The part that is scored: valid, or test, for which the model is fitted to the validation part, too'
            cand --ids 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)'
            cand --seed 'Seed of the split and of the models'
            cand --method 'Only this method, may be repeated [default: all]'
            cand -o 'An option of the method, may be repeated; the value is JSON or a word'
            cand --option 'An option of the method, may be repeated; the value is JSON or a word'
            cand --at 'The length of the lists'
            cand --columns 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added'
            cand --items 'A file with titles and genres, if it is not next to the ratings'
            cand --user-features 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line'
            cand --item-features 'A file of item features, and the columns to read'
            cand --bad-lines 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;evaluate'= {
            cand --protocol 'Train and score a model by this protocol: see `recburn protocols`'
            cand --model 'The model: see `recburn models list`'
            cand --preset 'Named hyper-parameters of the model [default: default]'
            cand --recipe 'A recipe, such as the winner of `recburn tune`, whose data and split are replaced by the protocol''s'
            cand -o 'An option of the model, may be repeated; the value is JSON or a word'
            cand --option 'An option of the model, may be repeated; the value is JSON or a word'
            cand --seeds 'The seeds of the model, separated by commas; the split has its own'
            cand --out 'Write card.json and card.md into this folder'
            cand --device 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]'
            cand --data 'A data set''s name or path [default: the ratings that were held out in training]'
            cand --split 'Score the validation part of this split; without it all ratings of --data'
            cand --seed 'Seed of that split [default: 42]'
            cand --columns 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added'
            cand --items 'A file with titles and genres, if it is not next to the ratings'
            cand --user-features 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line'
            cand --item-features 'A file of item features, and the columns to read'
            cand --bad-lines 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;protocols'= {
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;compare'= {
            cand --protocol 'The protocol by which models are trained and scored'
            cand --seeds 'The seeds of the models, separated by commas'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --device 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]'
            cand --out 'Write comparison.json, comparison.md and a picture into this folder'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;tune'= {
            cand --model 'A model, such as biased_mf or ease: see `recburn models list` [default: biased_mf; with `train --from`, that of the saved model]'
            cand --preset 'Named hyper-parameters of the model: see `recburn models show NAME` [default: default]'
            cand -o 'An option of the model, may be repeated; the value is JSON or a word'
            cand --option 'An option of the model, may be repeated; the value is JSON or a word'
            cand --data 'A data set''s name or path [default: that of the preset]'
            cand --filter 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes'
            cand --repeats 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]'
            cand --time-columns 'Derive columns from the times of the ratings, which a model may read: hour_of_day, day_of_week and day'
            cand --ids 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)'
            cand --split 'fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1, fold:1/5 or given:TRAIN,VALID; by-user-hashed:0.8 and leave-last-out-hashed:1 split alike in every program; fraction:0.8/0.1/0.1 adds a test part, none trains on everything'
            cand --centre 'Subtract the mean of the training part'
            cand --examples 'The kind of training examples: ratings, whole-users or whole-items (all ratings of one at a time), profiles (all items of a user among the catalogue), positives (every rated pair, with sampled negatives) or next-item (histories, predicting the next item at every position)'
            cand --hidden 'The share of each user''s items that is hidden from the model in training on profiles'
            cand --negatives 'The negatives of positives: uniform:N, popular:N or popular^EXPONENT:N per positive, shared-uniform:N or shared-popular:N per batch, in-batch, or catalogue [default: uniform:1]'
            cand --loss 'mse, mae, huber[:DELTA] or logistic; with negatives also bpr, hinge or softmax'
            cand --rule 'adam, adamw[:DECAY], sgd[:MOMENTUM], adagrad or rowwise_adagrad (one number of state per row of a table, for tables near the size of memory), with Keras''s defaults; further settings by name: adam:beta_1=0.8,epsilon=1e-8. AdamW keeps weights small at no extra cost, whereas l2 on tables much larger than a batch is slow in exact mode'
            cand --mode 'Which rows a step updates: exact (all that Keras would update) or touched (only those of the batch: fastest, but a different algorithm)'
            cand --epochs 'Train for N epochs'
            cand --learning-rate 'Learning rate, in all epochs'
            cand --phase 'A custom schedule: train N epochs at this learning rate, then go on to the next --phase'
            cand --batch 'Ratings per step'
            cand --average 'End with an average of the weights at the ends of epochs: swa:EPOCH (the mean from that epoch on) or ema:DECAY'
            cand --patience 'Stop after N epochs without a better validation loss (or --watch measure), and restore the best weights'
            cand --watch 'The measure for --patience: loss, rmse or mae, or for the users'' lists ndcg@K, recall@K, hit@K or mrr@K [default: loss, or ndcg@10 for positives]'
            cand --seed 'Seed of the split, the initial weights and the order of the ratings [default: 42; with `train --from`, that of the saved model]'
            cand --columns 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added'
            cand --items 'A file with titles and genres, if it is not next to the ratings'
            cand --user-features 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line'
            cand --item-features 'A file of item features, and the columns to read'
            cand --bad-lines 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --sampler 'How trials are proposed: random, tpe[:RANDOM TRIALS], halving[:FACTOR] or grid'
            cand --trials 'The number of configurations'
            cand --least-epochs 'The fewest epochs of a trial, for halving'
            cand --workers 'Trials at a time; 0 for one per core'
            cand --search-seed 'The seed of the proposals; that of --seed is for split and weights'
            cand --device 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]'
            cand --out 'Output folder [default: out/tune-MODEL]'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;predict'= {
            cand --device 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]'
            cand --user 'A user''s id, as in the data'
            cand --item 'An item''s id, as in the data'
            cand --data 'Predict every pair of this data set or file'
            cand --out 'The CSV to write; `-` is standard output'
            cand --columns 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added'
            cand --items 'A file with titles and genres, if it is not next to the ratings'
            cand --user-features 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line'
            cand --item-features 'A file of item features, and the columns to read'
            cand --bad-lines 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)'
            cand --data-dir 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;recommend'= {
            cand --device 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]'
            cand --user 'A user''s id, as in the data; may be repeated for several lists'
            cand --ratings 'A CSV file of items and ratings: recommend for a visitor with these ratings, or for --user with these new ratings'
            cand --out 'Write the lists to this file: JSON lines if its name ends in .jsonl, otherwise CSV; `-` is standard output'
            cand -n 'Number of items in a list'
            cand --count 'Number of items in a list'
            cand --min-ratings 'Leave out items with fewer than N training ratings; 0 leaves out none [default: 5, or the mean number of ratings per item if that is lower]'
            cand --genre 'Only items of this genre; may be repeated for items of any of several'
            cand --not-genre 'No items of this genre; may be repeated'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --all 'Write the lists of all users to --out'
            cand --all-users 'Write the lists of all users to --out'
            cand --seen 'Include items that the user has rated'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;similar'= {
            cand --device 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]'
            cand --item 'An item''s id, as in the data'
            cand -n 'Number of items in a list'
            cand --count 'Number of items in a list'
            cand --min-ratings 'Leave out items with fewer than N training ratings; 0 leaves out none [default: 5, or the mean number of ratings per item if that is lower]'
            cand --table 'The embedding whose directions are compared [default: the widest item embedding]'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;serve'= {
            cand --bind 'The address and port to listen on; port 0 for any free one'
            cand --metrics-bind 'Another address for /metrics, /livez and /readyz, which needs no token'
            cand --token-file 'A file with the token that requests must carry [default: the variable RECBURN_TOKEN, or no token]'
            cand --host 'A name by which clients may call the service, may be repeated [default: those of this machine on a loopback address, any on others]'
            cand --drain 'How long to go on answering after SIGTERM while /readyz says `draining`, such as 5s'
            cand --watch 'Check this often, such as every 2s, whether the folder holds another model, and serve that one'
            cand --journal 'Take ratings of users, and keep them in this file'
            cand --log 'The form of the log on standard error: text, json or off'
            cand --max-body 'The largest body of a request, in bytes'
            cand --connections 'How many connections may be open at a time; others wait'
            cand --in-flight 'How many requests are answered at a time [default: 4 for each core]'
            cand --waiting 'How many requests may wait for their turn; others are answered with 503'
            cand --device 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]'
            cand --check 'Ask a running service, such as http://127.0.0.1:7373/readyz, and exit with status 0 if it answers 200'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --open 'Let everybody who can reach the address ask without a token'
            cand --openapi 'Print the description of the interface (OpenAPI 3.1) and exit'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;export'= {
            cand --device 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]'
            cand --table 'Name of an embedding, may be repeated [default: all]'
            cand --format 'Format of the files'
            cand --out 'The folder for the files, each named after its table, or the one file of weights or of the page [default: MODEL-tables, MODEL.safetensors or MODEL.html]'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;completions'= {
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;man'= {
            cand --out 'The folder for them, one for each command'
            cand --config 'Take flags from this TOML file; the command line takes precedence'
            cand --json 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'recburn;help'= {
            cand data 'Data sets: list, fetch, describe, crosstab, split, synth'
            cand models 'The models: list, show'
            cand train 'Train a model on ratings'
            cand gather 'Make one model from the parts that several processes have trained'
            cand run 'Run recipes and compare the results with published figures'
            cand baselines 'Fit baselines and models in closed form, and compare them on held-out ratings'
            cand evaluate 'Score a saved model on ratings, or train and score a model by a protocol'
            cand protocols 'List the evaluation protocols, or show one'
            cand compare 'Compare models under one protocol, and say which differences are noise'
            cand tune 'Search for good hyper-parameters on a validation part'
            cand predict 'Predict the rating of a pair, or of every pair in a file'
            cand recommend 'Recommend the best items for a user, for all users, or for somebody not in the data'
            cand similar 'List items similar to an item'
            cand serve 'Serve a model over HTTP'
            cand export 'Write embedding tables as CSV, safetensors or Parquet, all weights for Keras, or a page that recommends without a server'
            cand completions 'Print a script with which a shell completes commands and flags'
            cand man 'Write the manual pages'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'recburn;help;data'= {
            cand list 'List the public data sets, and which of them are here'
            cand fetch 'Fetch public data sets by name'
            cand describe 'Show counts, density, scale, quartiles, histogram and time span, as text and as a picture'
            cand crosstab 'Cross-tabulate the most active users and the most rated items'
            cand split 'Write the parts of a split as CSV'
            cand synth 'Generate synthetic ratings of any size'
        }
        &'recburn;help;data;list'= {
        }
        &'recburn;help;data;fetch'= {
        }
        &'recburn;help;data;describe'= {
        }
        &'recburn;help;data;crosstab'= {
        }
        &'recburn;help;data;split'= {
        }
        &'recburn;help;data;synth'= {
        }
        &'recburn;help;models'= {
            cand list 'List the models'
            cand show 'Show a model: formula, options, presets, summary, diagram'
        }
        &'recburn;help;models;list'= {
        }
        &'recburn;help;models;show'= {
        }
        &'recburn;help;train'= {
        }
        &'recburn;help;gather'= {
        }
        &'recburn;help;run'= {
        }
        &'recburn;help;baselines'= {
        }
        &'recburn;help;evaluate'= {
        }
        &'recburn;help;protocols'= {
        }
        &'recburn;help;compare'= {
        }
        &'recburn;help;tune'= {
        }
        &'recburn;help;predict'= {
        }
        &'recburn;help;recommend'= {
        }
        &'recburn;help;similar'= {
        }
        &'recburn;help;serve'= {
        }
        &'recburn;help;export'= {
        }
        &'recburn;help;completions'= {
        }
        &'recburn;help;man'= {
        }
        &'recburn;help;help'= {
        }
    ]
    $completions[$command]
}
