/** BERT encoders of any size with a classification or regression head. Ref: [BERT] */
package dev.ternion.model.bert;
